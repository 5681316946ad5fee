#compdef overlayimg
# zsh completion for overlayimg. Print this file by: overlayimg completion zsh

_overlayimg() {
  local current=${(Q)PREFIX}
  # Only zsh knows what a variable, a command or a home directory stands for.
  if [[ $PREFIX == (\~*|*[\$\`]*) ]]; then
    _files
    return
  fi
  local tool=${(Q)words[1]}
  [[ $tool != \~/* ]] || tool=$HOME/${tool#\~/}
  local -a reply
  reply=("${(@f)$("$tool" __complete -- zsh "${(@Q)words[2,CURRENT-1]}" "$current" 2>/dev/null)}")
  (($#reply > 1)) || return 1
  local line word text
  local -a open opentexts closed closedtexts
  for line in "${(@)reply[2,-1]}"; do
    word=${line%%$'\t'*}
    text=${line#*$'\t'}
    if [[ $reply[1] == paths ]]; then
      # Show names without their directories.
      local shown=${word%/}
      shown=${shown##*/}
      [[ $word != */ ]] || shown+=/
      text=$shown
    elif [[ -n $text ]]; then
      text="$word  -- $text"
    else
      text=$word
    fi
    if [[ $word == *[/:=] ]]; then
      open+=("$word")
      opentexts+=("$text")
    else
      closed+=("$word")
      closedtexts+=("$text")
    fi
  done
  local -a form
  [[ $reply[1] == paths ]] || form=(-l)
  (($#open == 0)) || compadd $form -S '' -d opentexts -a open
  (($#closed == 0)) || compadd $form -d closedtexts -a closed
}

# The file is a function of zsh's function path, or is read by source.
if [[ $funcstack[1] == _overlayimg ]]; then
  _overlayimg "$@"
elif (($+functions[compdef])); then
  compdef _overlayimg overlayimg
else
  print -u2 "overlayimg: zsh's completion is off: run 'autoload -Uz compinit && compinit' before this script."
fi
