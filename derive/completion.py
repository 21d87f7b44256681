"""Completion scripts for shells, made from the table of options."""

from __future__ import annotations

from derive.options import OPTIONS, Option

__all__ = ["completion"]


def completion(shell: str) -> str:
    """The script that `derive --completion SHELL` prints."""
    return {"bash": _bash, "zsh": _zsh, "fish": _fish}[shell]()


def _names(option: Option) -> tuple[str, ...]:
    return option.names


def _bash() -> str:
    names = " ".join(name for option in OPTIONS for name in option.names)
    cases = "\n".join(
        f"        {'|'.join(option.names)}) COMPREPLY=($(compgen -W '{' '.join(option.choices)}' -- \"$current\")); return ;;"
        for option in OPTIONS
        if option.choices
    )
    return f"""# bash completion for derive; in ~/.bashrc:  eval "$(derive --completion bash)"
_derive() {{
    local current="${{COMP_WORDS[COMP_CWORD]}}" previous="${{COMP_WORDS[COMP_CWORD-1]}}"
    case "$previous" in
{cases}
    esac
    if [[ "$current" == -* ]]; then
        COMPREPLY=($(compgen -W '{names}' -- "$current"))
    else
        COMPREPLY=($(compgen -f -X '!*.derive' -- "$current") $(compgen -d -- "$current"))
    fi
}}
complete -o filenames -F _derive derive
"""


def _zsh() -> str:
    rows = []
    for option in OPTIONS:
        for name in option.names:
            words = option.words.replace("'", "").replace("[", "(").replace("]", ")").replace(":", ",")
            value = f":{option.field}:({' '.join(option.choices)})" if option.choices else ""
            value = value or (":seconds:" if option.flag is None else "")
            rows.append(f"    '{name}[{words}]{value}' \\")
    body = "\n".join(rows)
    return f"""#compdef derive
# zsh completion for derive; in ~/.zshrc after compinit:  eval "$(derive --completion zsh)"
_derive() {{
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
    rows.append("complete -c derive -k -a '(__fish_complete_suffix .derive)'")
    return "\n".join(rows) + "\n"
