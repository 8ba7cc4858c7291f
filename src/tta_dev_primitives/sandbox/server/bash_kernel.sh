# Reads cells from standard input, each as three texts that end with NUL: exports, code, names of the exports.
# What names had before is put back after the cell. $1 is the mark.
exec 3<&0 </dev/null
__playbox_mark=$1
shift
while IFS= read -r -d '' -u 3 __playbox_exports &&
      IFS= read -r -d '' -u 3 __playbox_code &&
      IFS= read -r -d '' -u 3 __playbox_names; do
  __playbox_back=
  for __playbox_name in $__playbox_names; do
    if [[ -v $__playbox_name ]]; then
      __playbox_back+="export $__playbox_name=${!__playbox_name@Q};"
    else
      __playbox_back+="unset $__playbox_name;"
    fi
  done
  eval "$__playbox_exports"
  eval "$__playbox_code"
  __playbox_status=$?
  eval "$__playbox_back"
  printf '\0%s \n' "$__playbox_mark" >&2
  printf '\0%s {"status": %d}\n' "$__playbox_mark" "$__playbox_status"
done
