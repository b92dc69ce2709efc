#!/bin/bash
# Print the configuration file of the run $1, or say which runs there are.
set -euo pipefail

# config/ holds more than runs.
no_run() { [[ $1 == config || $1 == datasets ]]; }

case $1 in
"" | *[!A-Za-z0-9_-]*) ;; # no name of a run, and never a path out of config/
digits) # the default run
    echo config/config.yaml
    exit
    ;;
*)
    for file in "config/$1.yaml" "config/runs/$1.yaml"; do
        if [[ -f $file ]] && ! no_run "$1"; then
            echo "$file"
            exit
        fi
    done
    ;;
esac

runs=digits
for file in config/*.yaml config/runs/*.yaml; do
    name=$(basename "$file" .yaml)
    if [[ -f $file ]] && ! no_run "$name"; then runs+=", $name"; fi
done
echo "There is no run \"$1\". Runs: $runs. A new one: make run NAME=… SET='key=value …'" >&2
exit 1
