"""Tests of the front end: programs are read, checked, evaluated, and compared with what Python makes of them."""
