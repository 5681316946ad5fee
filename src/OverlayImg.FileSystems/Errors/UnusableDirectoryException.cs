namespace OverlayImg.FileSystems.Errors;

/// <summary>A directory for temporary files or for the cache can't be used (exit code 4).</summary>
public sealed class UnusableDirectoryException : MachineException
{
    /// <summary>Makes the error, with advice that follows from <paramref name="innerException"/>.</summary>
    /// <param name="what">What can't be done in the directory: a sentence without the full stop.</param>
    /// <param name="innerException">The operating system's error.</param>
    /// <param name="setting">The setting that chooses another directory; null where no setting does.</param>
    public UnusableDirectoryException(string what, Exception innerException, Setting? setting = null) : base(what, innerException) =>
        Advice = AdviceFor(HostTrouble.Advice(innerException), setting);

    private static Advice AdviceFor(string? known, Setting? setting) => (known, setting) switch
    {
        (_, null) => known ?? "Choose another directory.",
        (null, _) => new Advice("Choose another directory.", setting),
        _ => new Advice($"{known} You can also choose another directory.", setting),
    };
}
