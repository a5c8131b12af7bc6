"""Lessons: notebooks that come with the package, and exercises whose answers are checked.

An exercise file is YAML: what to do, conditions that are checked, hints for likely mistakes, a right answer.
Its conditions are Python expressions, so a file is to be trusted as a notebook is.

From the bottom up: exercise, exercise_file, evidence, grade, trial, shipped, report, capsule, packing.
"""
