"""Measuring: the real program, driven through a pseudo-terminal, beside limits measured in the same run."""
