namespace OverlayImg.FileSystems.Errors;

/// <summary>A directory for temporary files or for the cache can't be used.</summary>
public sealed class UnusableDirectoryException(string directory, string what, Exception innerException) : MachineException(what, innerException)
{
    /// <summary>Absolute path of the directory.</summary>
    public string Directory { get; } = directory;
}
