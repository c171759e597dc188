# >>> git-yoi hook v1@origin@ >>>
# Kept by 'git yoi hooks', which also removes it. It never stops git; YOI_HOOKS_OFF=1 skips it.
if [ -z "${YOI_HOOKS_OFF:-}${YOI_HOOK_PROBE:-}" ]; then
  yoi_program=$(command -v git-yoi 2>/dev/null) || yoi_program=@program@
  if [ -x "$yoi_program" ]; then
    # What git says on standard input is said again to the lines below.
    yoi_input=$(cat) || :
    if [ -n "$yoi_input" ]; then
      printf '%s\n' "$yoi_input" 2>/dev/null | "$yoi_program" hook @event@ "$@" >&2 || :
      exec <<YOI_INPUT
$yoi_input
YOI_INPUT
    else
      "$yoi_program" hook @event@ "$@" </dev/null >&2 || :
    fi
    unset yoi_input
  fi
  unset yoi_program
fi
# <<< git-yoi hook v1 <<<
