# bash completion for overlayimg. Print this file by: overlayimg completion bash

_overlayimg() {
  local tool=$1 current=$2 reply
  COMPREPLY=()
  # Only bash knows what a variable, a command or a home directory stands for.
  if [[ $current == *[\$\`]* || $current == \~* ]]; then
    compopt -o bashdefault -o default
    return
  fi
  [[ $tool != \~/* ]] || tool=$HOME/${tool#\~/}
  mapfile -t reply < <("$tool" __complete -- bash "${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" 2>/dev/null)
  ((${#reply[@]} > 1)) || return
  COMPREPLY=("${reply[@]:1}")
  if [[ ${reply[0]} == paths ]]; then
    # Bash quotes the names, shows them without their directories, and adds the slash of a directory.
    compopt -o filenames
    COMPREPLY=("${COMPREPLY[@]%/}")
  elif ((${#COMPREPLY[@]} == 1)) && [[ ${COMPREPLY[0]} == *[/:=] ]]; then
    compopt -o nospace
  fi
}
complete -F _overlayimg overlayimg
