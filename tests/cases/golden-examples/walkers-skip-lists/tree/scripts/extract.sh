#!/bin/sh
set -e
./target/release/vox mens corpus extract examples/golden/ -o out.jsonl
