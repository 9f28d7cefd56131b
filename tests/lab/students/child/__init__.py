"""The program of the child process: it builds and calls what a student wrote, and returns tensors and numbers.

It stands on Python, torch and nothing else of ours, for it is copied to a fresh folder and run there. Whatever it
returns was at the student's mercy; the process that started it decides (lab.students.judging).
"""
