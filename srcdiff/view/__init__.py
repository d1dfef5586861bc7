"""Pictures of functions: the computation graph as SVG, DOT or Mermaid, from printed IR alone."""
