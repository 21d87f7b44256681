"""Completion scripts for shells, made from the table of options."""

from __future__ import annotations

from derive.documents.options import TRANSLATE_OPTIONS
from derive.options import OPTIONS, Option

__all__ = ["completion"]


def completion(shell: str) -> str:
    """The script that `derive --completion SHELL` prints."""
    return {"bash": _bash, "zsh": _zsh, "fish": _fish}[shell]()


def _names(option: Option) -> tuple[str, ...]:
    return option.names


DOCUMENTS = ("tex", "md", "ipynb", "txt")


def _bash() -> str:
    documents = "|".join(DOCUMENTS)
    translating = " ".join(name for option in TRANSLATE_OPTIONS for name in option.names)
    names = " ".join(name for option in OPTIONS for name in option.names)
    cases = "\n".join(
        f"        {'|'.join(option.names)}) COMPREPLY=($(compgen -W '{' '.join(option.choices)}' -- \"$current\")); return ;;"
        for option in OPTIONS
        if option.choices
    )
    return f"""# bash completion for derive; in ~/.bashrc:  eval "$(derive --completion bash)"
_derive() {{
    local current="${{COMP_WORDS[COMP_CWORD]}}" previous="${{COMP_WORDS[COMP_CWORD-1]}}"
    if [[ "${{COMP_WORDS[1]}}" == translate && $COMP_CWORD -gt 1 ]]; then
        if [[ "$current" == -* ]]; then
            COMPREPLY=($(compgen -W '{translating}' -- "$current"))
        else
            COMPREPLY=($(compgen -f -- "$current" | grep -E '[.]({documents})$') $(compgen -d -- "$current"))
        fi
        return
    fi
    if [[ "${{COMP_WORDS[1]}}" == explain && $COMP_CWORD -gt 1 && "$current" != -* ]]; then
        COMPREPLY=($(compgen -f -X '!*.py' -- "$current") $(compgen -d -- "$current"))
        return
    fi
    case "$previous" in
{cases}
    esac
    if [[ "$current" == -* ]]; then
        COMPREPLY=($(compgen -W '{names}' -- "$current"))
    else
        COMPREPLY=($(compgen -f -X '!*.derive' -- "$current") $(compgen -d -- "$current"))
        [[ $COMP_CWORD -eq 1 && -n "$current" ]] && COMPREPLY+=($(compgen -W 'translate explain' -- "$current"))
    fi
}}
complete -o filenames -F _derive derive
"""


def _zsh_rows(options: tuple[Option, ...], indent: str) -> str:
    rows = []
    for option in options:
        for name in option.names:
            words = option.words.replace("'", "").replace("[", "(").replace("]", ")").replace(":", ",")
            value = f":{option.field}:({' '.join(option.choices)})" if option.choices else ""
            value = value or (":seconds:" if option.flag is None else "")
            rows.append(f"{indent}'{name}[{words}]{value}' \\")
    return "\n".join(rows)


def _zsh() -> str:
    body = _zsh_rows(OPTIONS, "    ")
    translating = _zsh_rows(TRANSLATE_OPTIONS, "      ")
    return f"""#compdef derive
# zsh completion for derive; in ~/.zshrc after compinit:  eval "$(derive --completion zsh)"
_derive() {{
  if [[ $words[2] == translate && CURRENT -gt 2 ]]; then
    shift words
    (( CURRENT-- ))
    _arguments \\
{translating}
      '*:document:_files -g "*.({"|".join(DOCUMENTS)})"'
    return
  fi
  if [[ $words[2] == explain && CURRENT -gt 2 ]]; then
    _files -g "*.py"
    return
  fi
  _arguments \\
{body}
    '*:line or file:_files -g "*.derive"'
}}
compdef _derive derive
"""


def _fish() -> str:
    rows = ["# fish completion for derive:  derive --completion fish > ~/.config/fish/completions/derive.fish"]
    for option in OPTIONS:
        words = option.words.replace("'", "\\'")
        spelled = " ".join(f"-l {n[2:]}" if n.startswith("--") else f"-s {n[1:]}" for n in option.names)
        takes = f" -x -a '{' '.join(option.choices)}'" if option.choices else " -x" if option.flag is None else ""
        rows.append(f"complete -c derive {spelled}{takes} -d '{words}'")
    rows.append("complete -c derive -n '__fish_use_subcommand' -a translate -d 'the formulas of documents as NumPy functions'")
    for option in TRANSLATE_OPTIONS:
        words = option.words.replace("'", "\\'")
        spelled = " ".join(f"-l {n[2:]}" if n.startswith("--") else f"-s {n[1:]}" for n in option.names)
        takes = " -r" if option.flag is None else ""
        rows.append(f"complete -c derive -n '__fish_seen_subcommand_from translate' {spelled}{takes} -d '{words}'")
    rows.append("complete -c derive -n '__fish_use_subcommand' -a explain -d 'a NumPy function of a Python file, and its gradient'")
    rows.append("complete -c derive -n '__fish_seen_subcommand_from explain' -k -a '(__fish_complete_suffix .py)'")
    rows.append("complete -c derive -k -a '(__fish_complete_suffix .derive)'")
    return "\n".join(rows) + "\n"
