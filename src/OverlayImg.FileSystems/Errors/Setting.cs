namespace OverlayImg.FileSystems.Errors;

/// <summary>
/// A choice of the user for an operation, for example the guest's memory or the cache's directory. Messages below the command line name
/// the settings that help, because only the command line knows the options. Each project declares the settings that its messages name.
/// </summary>
/// <param name="Name">A short unique noun, for developers.</param>
public sealed record Setting(string Name);
