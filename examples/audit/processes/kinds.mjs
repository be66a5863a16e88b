/** What a file is, judged by its path alone. The first kind that fits wins. */

const LANGUAGES = {
  C: "c h",
  "C#": "cs",
  "C++": "cc cpp cxx hh hpp hxx",
  Clojure: "clj cljs",
  CSS: "css scss sass less",
  Dart: "dart",
  Elixir: "ex exs",
  Erlang: "erl",
  "F#": "fs",
  Go: "go",
  Haskell: "hs",
  HTML: "html htm",
  Java: "java",
  JavaScript: "js mjs cjs jsx",
  Julia: "jl",
  Kotlin: "kt kts",
  Lua: "lua",
  "Objective-C": "m mm",
  OCaml: "ml mli",
  Perl: "pl pm",
  PHP: "php",
  Python: "py pyi",
  R: "r",
  Ruby: "rb",
  Rust: "rs",
  Scala: "scala",
  Shell: "sh bash zsh bats",
  SQL: "sql",
  Svelte: "svelte",
  Swift: "swift",
  TypeScript: "ts tsx mts cts",
  Vue: "vue",
  Zig: "zig",
};

const BY_EXTENSION = new Map(
  Object.entries(LANGUAGES).flatMap(([name, extensions]) => extensions.split(" ").map((end) => [end, name])),
);

const VENDORED = /(^|\/)(node_modules|bower_components|vendor|third_party|Pods)\//;
const GENERATED =
  /(^|\/)(dist|coverage)\/|\.(min\.(js|css)|map|snap|pb\.go|lock|lockb)$|_pb2\.py$|[.-]generated\.|(^|\/)(package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|go\.sum)$/;
const TEST =
  /(^|\/)(tests?|__tests__|specs?|e2e)\/|[._-](test|spec)\.\w+$|\.bats$|(^|\/)test_[^/]*\.py$|(Test|Tests|Spec)\.(java|kt|cs|scala|swift|php)$/;
const DOCS = /\.(md|mdx|rst|adoc|txt|tex)$|(^|\/)(README|CHANGELOG|LICEN[CS]E|COPYING|AUTHORS|NOTICE)[^/]*$/i;
const CONFIG =
  /\.(json|jsonc|json5|ya?ml|toml|ini|cfg|conf|properties|xml|gradle|cmake|mk|tf)$|(^|\/)(Makefile|Dockerfile|Jenkinsfile|\.[^/]+)$/;

export function languageOf(path) {
  return BY_EXTENSION.get(path.slice(path.lastIndexOf(".") + 1).toLowerCase());
}

export function kindOf(path) {
  if (VENDORED.test(path)) return "vendored";
  if (GENERATED.test(path)) return "generated";
  if (languageOf(path) !== undefined) return TEST.test(path) ? "test" : "code";
  if (DOCS.test(path)) return "docs";
  return CONFIG.test(path) ? "config" : "data";
}
