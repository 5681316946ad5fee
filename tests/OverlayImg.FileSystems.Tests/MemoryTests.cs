namespace OverlayImg.FileSystems.Tests;

/// <summary>Tests that ask how much memory the process has: nothing else may run beside them.</summary>
[CollectionDefinition(nameof(MemoryTests), DisableParallelization = true)]
public static class MemoryTests;
