namespace OverlayImg.Cli.Options;

/// <summary>Wrong usage that the parser can't see (exit code 2).</summary>
internal sealed class UsageException(string message) : Exception(message);
