"""What a program is: types, values, ops, blocks, functions; how they are built, checked, printed and evaluated."""
