"""Student mode: a student's own code in a child process, judged here by what it does; and the grades of a class."""
