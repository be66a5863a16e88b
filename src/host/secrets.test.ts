import { afterEach, describe, expect, test } from "vitest";
import { TuttiError, type Failure } from "../errors.ts";
import { createSecrets } from "./secrets.ts";

const values = {
  token: "s3cret-token",
  quoted: 'with "quotes"\nand lines',
  short: "abc",
  "vault/db.main": "pass-word",
};

describe("resolving", () => {
  const { resolve } = createSecrets(values);

  test.each([
    ['{"a":"secret://token"}', '{"a":"s3cret-token"}'],
    ['[["secret://token",{"b":["secret://vault/db.main"]}]]', '[["s3cret-token",{"b":["pass-word"]}]]'],
    ['"secret://quoted"', JSON.stringify(values.quoted)],
    ['{"secret://token":1}', '{"secret://token":1}'],
    ['{"secret://token" : "secret://short"}', '{"secret://token" : "abc"}'],
    ['"see secret://token"', '"see secret://token"'],
    ['"secret://token "', '"secret://token "'],
    [JSON.stringify('"secret://token"'), JSON.stringify('"secret://token"')],
    [JSON.stringify('"secret://token'), JSON.stringify('"secret://token')],
    [JSON.stringify({ nested: '{"a":"secret://token"}' }), JSON.stringify({ nested: '{"a":"secret://token"}' })],
    ['{"a":"nothing here"}', '{"a":"nothing here"}'],
  ])("%s becomes %s", (json, resolved) => {
    expect(resolve(json)).toBe(resolved);
  });

  test("a name nobody knows is SECRET_UNKNOWN", () => {
    expect(() => resolve('"secret://nobody"')).toThrow(TuttiError);
    expect(() => resolve('"secret://toString"')).toThrow("There is no secret toString. Set TUTTI_SECRET_toString");
  });

  test("a function may be the source", () => {
    expect(createSecrets((name) => `${name}!`).resolve('"secret://a"')).toBe('"a!"');
  });

  describe("from the environment", () => {
    afterEach(() => {
      delete process.env["TUTTI_SECRET_token"];
    });

    test("TUTTI_SECRET_<NAME> is asked when the source does not know", () => {
      process.env["TUTTI_SECRET_token"] = "from-env";
      expect(createSecrets({}).resolve('"secret://token"')).toBe('"from-env"');
      expect(createSecrets(values).resolve('"secret://token"')).toBe('"s3cret-token"');
    });
  });
});

describe("redacting", () => {
  const using = (...names: (keyof typeof values)[]) => {
    const secrets = createSecrets(values);
    for (const name of names) secrets.resolve(JSON.stringify(`secret://${name}`));
    return secrets;
  };

  test("before anything is resolved every text stays as it is", () => {
    const secrets = using();
    const failure: Failure = { kind: "agent_error", message: "s3cret-token" };
    expect(secrets.redact("s3cret-token")).toBe("s3cret-token");
    expect(secrets.redactJson('"s3cret-token"')).toBe('"s3cret-token"');
    expect(secrets.redactFailure(failure)).toBe(failure);
  });

  test("every occurrence is replaced, in plain and in JSON form, line by line for long lines", () => {
    const { redact } = using("token", "quoted");
    expect(redact("a s3cret-token, b s3cret-token")).toBe("a secret://token, b secret://token");
    expect(redact(`raw ${values.quoted}`)).toBe("raw secret://quoted");
    expect(redact(JSON.stringify({ a: values.quoted }))).toBe('{"a":"secret://quoted"}');
    const key = `-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0\nshort\n-----END KEY-----`;
    const secrets = createSecrets({ key });
    secrets.resolve('"secret://key"');
    expect(secrets.redact("line: MIIEvQIBADANBgkqhkiG9w0")).toBe("line: secret://key");
    expect(secrets.redact("a short line")).toBe("a short line");
  });

  test("a value under four characters would be everywhere, so it is let be", () => {
    expect(using("short").redact("abcdef")).toBe("abcdef");
  });

  test("a value that holds another is replaced whole", () => {
    const secrets = createSecrets({ inner: "1234", outer: "00123400" });
    secrets.resolve('["secret://inner","secret://outer"]');
    expect(secrets.redact("00123400 1234")).toBe("secret://outer secret://inner");
  });

  test("a value with a $ in it is taken literally", () => {
    const secrets = createSecrets({ a: "$&$1$$" });
    secrets.resolve('"secret://a"');
    expect(secrets.redact("x $&$1$$ y")).toBe("x secret://a y");
  });

  test.each([
    [
      { n: 5, "s3cret-token": ["x s3cret-token"] },
      { n: 5, "secret://token": ["x secret://token"] },
    ],
    [
      { pin: 87654321, other: 87 },
      { pin: "secret://pin", other: 87 },
    ],
    [{ deep: { list: [null, true, "87654321"] } }, { deep: { list: [null, true, "secret://pin"] } }],
    [{ note: values.quoted }, { note: "secret://quoted" }],
  ])("the JSON text of %j stays JSON", (value, redacted) => {
    const secrets = createSecrets({ ...values, pin: "87654321" });
    secrets.resolve('["secret://token","secret://pin","secret://quoted"]');
    expect(JSON.parse(secrets.redactJson(JSON.stringify(value)))).toEqual(redacted);
  });

  test("a name like __proto__ beside a secret stays a name", () => {
    const redacted = using("token").redactJson('{"__proto__":{"polluted":"s3cret-token"}}');
    expect(redacted).toBe('{"__proto__":{"polluted":"secret://token"}}');
  });

  test("a failure is redacted in message, stack, data and causes; its kind is not text", () => {
    const secrets = createSecrets({ odd: "timeout", ...values });
    secrets.resolve('["secret://odd","secret://token"]');
    const failure: Failure = {
      kind: "timeout",
      message: "s3cret-token",
      stack: "at s3cret-token",
      data: { list: ["s3cret-token"] },
      cause: { kind: "agent_error", message: "because s3cret-token" },
    };
    expect(secrets.redactFailure(failure)).toEqual({
      kind: "timeout",
      message: "secret://token",
      stack: "at secret://token",
      data: { list: ["secret://token"] },
      cause: { kind: "agent_error", message: "because secret://token" },
    });
  });
});
