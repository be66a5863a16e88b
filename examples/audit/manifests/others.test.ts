import { describe, expect, test } from "vitest";
import { cargo } from "./cargo.ts";
import type { Declared } from "./ecosystem.ts";
import { go } from "./go.ts";
import { python } from "./python.ts";

/** `name range` by pin, with a star for development. */
function written(declared: readonly Declared[]): Record<string, string[]> {
  const byPin: Record<string, string[]> = {};
  for (const { name, range, pin, development } of declared)
    (byPin[pin] ??= []).push([name, range, development ? "*" : ""].filter(Boolean).join(" "));
  return byPin;
}

describe("Python", () => {
  test("requirements files: pins, ranges, anything, elsewhere; options and comments are no requirements", () => {
    const text = `
# a comment
-r other.txt
--index-url https://host/simple
flask==2.0.1
Jinja2 ~= 3.1  # a comment
requests[socks] >=2,<3 ; python_version > "3.8"
numpy>=1.0
six
hashed==1.0 \\
    --hash=sha256:aa
tool @ git+https://host/tool.git
-e .
`;
    expect(written(python.declared(text, "requirements.txt"))).toEqual({
      pinned: ["flask ==2.0.1", "hashed ==1.0"],
      ranged: ["Jinja2 ~= 3.1", "requests >=2,<3"],
      open: ["numpy >=1.0", "six"],
      foreign: ["tool @ git+https://host/tool.git"],
      local: [". ."],
    });
    expect(written(python.declared("six", "requirements-dev.txt"))).toEqual({ open: ["six *"] });
  });

  test("pyproject.toml as the standard and as Poetry write it", () => {
    const text = `
[project]
dependencies = ["attrs>=22", "click==8.1.7"]
[project.optional-dependencies]
fast = ["orjson~=3.0"]
test = ["pytest"]
[dependency-groups]
lint = ["ruff==0.4.0", { include-group = "test" }]
[tool.poetry.dependencies]
python = "^3.9"
httpx = "^0.27"
rich = "13.0.0"
own = { path = "../own" }
fork = { git = "https://host/fork.git" }
wide = { version = "*", extras = ["x"] }
[tool.poetry.group.dev.dependencies]
black = "24.*"
`;
    expect(written(python.declared(text, "pyproject.toml"))).toEqual({
      open: ["attrs >=22", "pytest *", "wide *"],
      pinned: ["click ==8.1.7", "ruff ==0.4.0 *", "rich 13.0.0"],
      ranged: ["orjson ~=3.0", "httpx ^0.27", "black 24.* *"],
      local: [`own { path = "../own" }`],
      foreign: [`fork { git = "https://host/fork.git" }`],
    });
  });

  test("names are compared as PyPI does, and locks of uv and Poetry are read", () => {
    expect(python.canonical("Ruamel.yaml_X")).toBe("ruamel-yaml-x");
    const text = `[[package]]\nname = "a"\nversion = "1"\nsource = { registry = "https://pypi.org/simple" }\n
[[package]]\nname = "own"\nversion = "0"\nsource = { editable = "." }\n
[[package]]\nname = "g"\nversion = "2"\nsource = { git = "https://host/g" }\n`;
    expect(python.locked(text, "uv.lock")).toMatchObject({
      packages: [{ name: "a" }, { name: "g" }],
      foreign: ["g"],
      installScripts: null,
    });
    expect(python.locked("{}", "Pipfile.lock")).toBeUndefined();
  });
});

describe("Cargo", () => {
  test("every kind of dependency table, short and long", () => {
    const text = `
[dependencies]
serde = { version = "1.0", features = ["derive"] }
log = "=0.4.20"
any = "*"
shared.workspace = true
near = { path = "../near" }
far = { git = "https://host/far" }
alias = { package = "real", version = "^2" }
[dev-dependencies.proptest]
version = "1"
[target.'cfg(unix)'.build-dependencies]
cc = ">=1, <2"
`;
    expect(written(cargo.declared(text, "Cargo.toml"))).toEqual({
      ranged: ["serde 1.0", "real ^2", "proptest 1 *", "cc >=1, <2"],
      pinned: ["log =0.4.20"],
      open: ["any *"],
      local: ["shared true", `near { path = "../near" }`],
      foreign: [`far { git = "https://host/far" }`],
    });
  });

  test("Cargo.lock: own packages have no source and no checksum, and are not missed", () => {
    const registry = `source = "registry+https://github.com/rust-lang/crates.io-index"`;
    const text = `[[package]]\nname = "own"\nversion = "0.1.0"\n
[[package]]\nname = "a"\nversion = "1.0.0"\n${registry}\nchecksum = "00"\n
[[package]]\nname = "b"\nversion = "1.0.0"\n${registry}\n
[[package]]\nname = "c"\nversion = "1.0.0"\nsource = "git+https://host/c#abc"\n`;
    expect(cargo.locked(text, "Cargo.lock")).toMatchObject({ withoutIntegrity: ["b"], foreign: ["c"] });
  });
});

describe("Go", () => {
  test("direct requirements count, indirect ones do not, a replacement from elsewhere is told", () => {
    const text = `module example.com/m
go 1.22
require example.com/one v1.0.0
require (
	example.com/two v2.0.0 // a comment
	example.com/three v3.0.0 // indirect
)
replace example.com/two => example.com/fork v2.0.1
replace example.com/one => ../one
`;
    expect(written(go.declared(text, "go.mod"))).toEqual({
      pinned: ["example.com/one v1.0.0", "example.com/two v2.0.0"],
      foreign: ["example.com/two example.com/fork v2.0.1"],
    });
  });

  test("go.sum names packages once, without saying which versions are built in", () => {
    const text = "example.com/one v1.0.0 h1:a=\nexample.com/one v1.0.0/go.mod h1:b=\n";
    expect(go.locked(text, "go.sum")).toMatchObject({ packages: [{ name: "example.com/one" }], exact: false });
  });
});
