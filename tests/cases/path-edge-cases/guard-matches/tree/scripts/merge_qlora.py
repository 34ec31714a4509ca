# not a checkpoint
