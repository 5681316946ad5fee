# fish completion for overlayimg. Print this file by: overlayimg completion fish

function __overlayimg_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    test -n "$current"; or set current ''
    # Only fish knows what a variable, a command or a home directory stands for.
    if string match -qr '^~|[$(]' -- "$current"
        __fish_complete_path "$current"
        return
    end
    set -l tool (string replace -r '^~/' "$HOME/" -- $words[1])
    set -l plain (string unescape -- "$current" 2>/dev/null)
    or set plain (string replace -r '^["\']' '' -- "$current")
    $tool __complete -- fish $words[2..-1] "$plain" 2>/dev/null | tail -n +2
end

complete -c overlayimg -f -k -a '(__overlayimg_complete)'
