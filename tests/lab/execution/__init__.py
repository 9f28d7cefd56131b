"""Where trials run: processes of this machine, or a cluster's workers, in the environment that gives equal bits."""
