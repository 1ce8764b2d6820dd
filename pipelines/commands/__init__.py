"""What each command of the command line does; heavy imports wait inside the functions, so legal staff's start at once."""
