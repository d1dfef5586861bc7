"""IR to Python text that reads like the author's.

    index trips lists storage stable branches guarded holes     what must be known of the function
    nest parallel plan                                          which statements there are, and what nests in them
    lives numbering words names                                 which values share a variable, and its name
    numpy expressions loops parameters comments python          the statements as a tree
    guard helpers header module text                            the head of a function, a module, the text

Names are given by the lives of values over the planned statements, so the text is what was analysed.
"""
