"""How text becomes words: folding, plurals, numerals, stems and sounds. Pure, shared by the compiler and the service."""
