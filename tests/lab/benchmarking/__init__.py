"""What work costs on a device: times in rounds, peaks, memory, and costs compared."""
