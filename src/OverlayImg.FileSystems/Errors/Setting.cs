namespace OverlayImg.FileSystems.Errors;

/// <summary>
/// Something that a user chooses for an operation: the memory of the guest, the directory of the cache. Messages of a floor name the settings that help,
/// because only the command line knows the options that set them. Each floor declares the settings that its messages name.
/// </summary>
/// <param name="Name">A short noun, the same for no two settings; for developers.</param>
public sealed record Setting(string Name);
