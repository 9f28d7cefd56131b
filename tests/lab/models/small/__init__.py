"""The small nets that experiments train: those of the exercises, and those that one question asks for."""
