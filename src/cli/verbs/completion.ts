/**
 * `tutti completion`: what a shell needs to ask this command for the words that fit (`tutti __complete`). Each script
 * falls back to file names where there are none.
 */
import { nearestName } from "../../std/name.ts";
import { EXIT } from "../exit.ts";
import type { Verb } from "../context.ts";
import { UsageError } from "../usage.ts";

const SCRIPTS: Readonly<Record<string, string>> = {
  bash: `# tutti completion for bash: source <(tutti completion bash)
_tutti() {
  local words
  words=$("\${COMP_WORDS[0]}" __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | cut -f1)
  local IFS=$'\\n'
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _tutti tutti
`,
  zsh: `#compdef tutti
# tutti completion for zsh: source <(tutti completion zsh)
_tutti() {
  local -a found
  local word text
  while IFS=$'\\t' read -r word text; do
    [[ -n $word ]] && found+=("\${word//:/\\\\:}:$text")
  done < <("\${words[1]}" __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#found} )); then _describe tutti found; else _files; fi
}
if [[ \${funcstack[1]} == _tutti ]]; then _tutti "$@"; else compdef _tutti tutti; fi
`,
  fish: `# tutti completion for fish: tutti completion fish | source
function __tutti_complete
  set -l words (commandline -opc)
  set -l written (commandline -ct)
  $words[1] __complete $words[2..-1] "$written" 2>/dev/null
end
complete -c tutti -a '(__tutti_complete)'
`,
  powershell: `# tutti completion for PowerShell: tutti completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName tutti -ScriptBlock {
  param($word, $ast, $position)
  $words = @($ast.CommandElements | Select-Object -Skip 1 | ForEach-Object { "$_" })
  if ($word -eq '') { $words += '""' }
  tutti __complete @words 2>$null | ForEach-Object {
    $value, $text = $_ -split "\`t", 2
    if (-not $text) { $text = $value }
    [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $text)
  }
}
`,
};

export const completion: Verb<object> = async (context, [shell = ""]) => {
  const script = Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell] : undefined;
  if (script === undefined) {
    const meant = nearestName(shell, Object.keys(SCRIPTS));
    throw new UsageError(
      `There is no completion for ${shell}. ${meant === undefined ? `It is one of ${Object.keys(SCRIPTS).join(", ")}.` : `Did you mean ${meant}?`}`,
    );
  }
  context.print(script);
  return EXIT.done;
};
