"""What a compiled gradient must satisfy, whichever program it came from: shared by the fuzzer and the corpus."""
