"""Attacks on stores and on the program, each counted: what `make torture` runs and docs/reliability.md reports."""
