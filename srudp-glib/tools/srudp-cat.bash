# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# srudp-cat.bash: completes the options of srudp-cat in bash

_srudp_cat ()
{
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
  local options='--listen --port --invite --via --introducer --stun --port-mapping --keep
    --exec --forward --to --datagram --identity --peer --passphrase-file --print-key --protocol --timeout --stats --verbose
    --version --help'

  # --identity=FILE comes as three words.
  if [ "$word" = = ]; then
    word=
  elif [ "$before" = = ] && [ "$COMP_CWORD" -gt 1 ]; then
    before=${COMP_WORDS[COMP_CWORD - 2]}
  fi

  COMPREPLY=()
  case $before in
    -i | --identity | --passphrase-file)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      ;;
    -e | --exec)
      mapfile -t COMPREPLY < <(compgen -c -- "$word")
      ;;
    -t | --to | -S | --stun)
      compopt -o nospace 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -A hostname -S : -- "$word")
      ;;
    -l | -p | -V | --via | -L | -P | -w | --listen | --port | --forward | --peer | --protocol | --timeout) ;;
    *)
      if [[ $word == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
      else
        compopt -o nospace 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -A hostname -S : -- "$word")
      fi
      ;;
  esac
}

complete -F _srudp_cat srudp-cat
