/// A shell that can be made to complete.
enum Shell: String, CaseIterable {
  case bash, zsh, fish

  /// What the shell is to run.
  var script: String {
    switch self {
    case .bash: Self.bashScript
    case .zsh: Self.zshScript
    case .fish: Self.fishScript
    }
  }

  private static let bashScript = #"""
    # bash completion for snowmaker: source <(snowmaker completion bash)
    _snowmaker() {
      local IFS=$'\n'
      local answer
      answer=$("${COMP_WORDS[0]}" __complete bash "${COMP_LINE:0:COMP_POINT}" 2>/dev/null) || return 1
      if [ "$answer" = ":files" ]; then
        compopt -o filenames 2>/dev/null
        COMPREPLY=($(compgen -f -- "${COMP_WORDS[COMP_CWORD]}"))
      else
        COMPREPLY=($answer)
        # An option that takes a value after '=' or a type before ':' is not at its end yet.
        case "${COMPREPLY[0]}" in *[=:]) compopt -o nospace 2>/dev/null ;; esac
      fi
    }
    complete -F _snowmaker snowmaker

    """#

  private static let zshScript = #"""
    #compdef snowmaker
    # zsh completion for snowmaker: source <(snowmaker completion zsh), after compinit
    _snowmaker() {
      local answer line
      local -a candidates shown
      answer=$("${words[1]}" __complete zsh -- "${(@)words[1,CURRENT]}" 2>/dev/null) || return 1
      if [[ $answer == ":files" ]]; then
        _files
        return
      fi
      for line in "${(@f)answer}"; do
        [[ -n $line ]] || continue
        candidates+=("${line%%$'\t'*}")
        shown+=("${line%%$'\t'*}${${line#*$'\t'}:+  ${${(M)line:#*$'\t'*}#*$'\t'}}")
      done
      (( $#candidates )) && compadd -l -d shown -- "${candidates[@]}"
    }
    compdef _snowmaker snowmaker

    """#

  private static let fishScript = #"""
    # fish completion for snowmaker: snowmaker completion fish > ~/.config/fish/completions/snowmaker.fish
    function __snowmaker_complete
      set -l words (commandline -opc)
      set -l answer ($words[1] __complete fish -- $words (commandline -ct) 2>/dev/null)
      if test "$answer" = ":files"
        __fish_complete_path (commandline -ct)
      else
        printf '%s\n' $answer
      end
    end
    complete -c snowmaker -f -a '(__snowmaker_complete)'

    """#
}
