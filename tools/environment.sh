#!/bin/bash
# Make the Python environment of the project, unless it is there already.
#
#   PYTHONS='3.11 3.12' [PYTHON=python3.12] tools/environment.sh FOLDER [options for pip]
#
# PYTHONS are the versions that will do, PYTHON the interpreter to take. A stamp in FOLDER
# holds, once all went well, the requirements that it was made for and where: after an edit of either
# the environment is made anew, so that it never holds more than is pinned. A folder without a stamp
# is not this script's, and is left alone.
set -euo pipefail

folder=$1
shift
while [[ $folder == */ || $folder == */. ]]; do folder=${folder%/*}; done
requirements=requirements/requirements.txt
stamp=$folder/made-for.txt
case $folder in
/*) here=$folder ;;
*) here=$(pwd -P)/$folder ;;
esac
wanted=$(echo "# $here" && cat "$requirements")

if [[ -f $stamp && $(cat "$stamp") == "$wanted" ]]; then
    exit 0
fi

give_up() {
    printf 'set-up failed: %s\n' "$1" >&2
    exit 1
}

# What is there is emptied below: nothing but what this script made, and not for another place that
# is this folder by another name.
if [[ -L $folder || ( -e $folder && ! -f $stamp ) ]]; then
    give_up "$folder is there and was not made by make, or is a link: move it away, or choose VENV=…"
fi
made=$(sed -n '1s/^# //p' "$stamp" 2>/dev/null || true)
if [[ -n $made && $made != "$here" && $made -ef $folder ]]; then
    give_up "$folder was made as $made: say VENV=$made, or choose another"
fi

# Print where the interpreter $1 really is, if it runs, is of a right version and can make
# environments. (A name on PATH says little: pyenv has one for each version, installed or not.)
base_of() {
    "$1" -c '
import ensurepip, sys, venv
if "{}.{}".format(*sys.version_info) not in sys.argv[1:]:
    sys.exit(1)
print(getattr(sys, "_base_executable", sys.executable))' $PYTHONS 2>/dev/null
}

# What an earlier attempt left half-made is no Python to start from.
PATH=":$PATH:"
PATH=${PATH//":$here/bin:"/:}
PATH=${PATH#:} PATH=${PATH%:}

candidates=(python3)
for version in $PYTHONS; do candidates+=("python$version"); done
if [[ -n ${PYTHON:-} ]]; then candidates=("$PYTHON"); fi

base=
for candidate in "${candidates[@]}"; do
    if base=$(base_of "$candidate"); then break; fi
done
if [[ -z $base ]]; then
    give_up "found no working Python ${PYTHONS// /, } with its venv module (looked for: \
${candidates[*]}). Install one (Debian, Ubuntu: apt install python3-venv), or name it: \
make PYTHON=/path/to/python3"
fi

# The sizes are those of the wheels that the pinned versions come as, for Linux on x86-64.
cat <<END
Setting up $folder with $("$base" --version) ($base), once.

  torch's build                              downloads   on disk
  CPU: macOS; Linux with the option below       0.4 GB    1.6 GB
  NVIDIA graphics cards: Linux otherwise        2.9 GB    5.3 GB

  To choose the CPU build on Linux:
  make PIP_ARGS='--extra-index-url https://download.pytorch.org/whl/cpu'

END

# The stamp before the environment, and through it all: one that was left half-made is known for ours.
mkdir -p "$folder"
echo 'being made' >"$stamp"
find "$folder" -mindepth 1 -maxdepth 1 ! -name "${stamp##*/}" -exec rm -rf {} +
"$base" -m venv "$folder" || give_up "$base could not make $folder, see above"
# A person's pip.conf and PIP_… count, but for what would put the packages elsewhere.
"$folder/bin/python" -m pip install --disable-pip-version-check \
    --no-user --target= --prefix="$here" --root=/ -r "$requirements" "$@" ||
    give_up "pip could not install the requirements, see above; 'make' tries again"

printf '%s\n' "$wanted" >"$stamp"
printf '\nSet up %s in %d s: %s on disk.\n\n' "$folder" "$SECONDS" "$(du -sh "$folder" | cut -f1)"
