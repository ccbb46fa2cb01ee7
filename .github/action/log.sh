# Functions for the log of GitHub Actions, sourced by the other scripts.
# shellcheck shell=bash

# What comes in goes into the log as text: nothing in it is a command to the runner.
as_text() {
  local token
  token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  printf '::stop-commands::%s\n' "$token"
  cat
  printf '\n::%s::\n' "$token"
}

# error WORDS: an annotation in words of our own.
error() { printf '::error title=attestry::%s\n' "$1"; }
warning() { printf '::warning title=attestry::%s\n' "$1"; }
