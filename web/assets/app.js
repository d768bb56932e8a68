// The small behaviours that every page shares. Bundled by build.mjs; loaded as a module, so it runs once the page is read.
