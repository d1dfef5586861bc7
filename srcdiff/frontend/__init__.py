"""Python source to IR: `signature` says what is passed, `lower` reads the text of the function."""
