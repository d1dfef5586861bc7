"""The public interface: decorators, objects, the cache of modules, debugging, sources."""
