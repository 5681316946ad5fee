namespace OverlayImg.Sandbox.Jobs;

/// <summary>
/// A secret that scripts read at <c>/run/secrets/NAME</c>. The host sends it on the control port after all snapshots are saved, and the guest keeps
/// the content in memory. No disk and no file has the content.
/// </summary>
/// <param name="Name">A file name that <see cref="IsValidName"/> accepts.</param>
/// <param name="Content">At most <see cref="MaximumLength"/> bytes.</param>
public sealed record GuestSecret(string Name, ReadOnlyMemory<byte> Content)
{
    /// <summary>The largest size of a secret in bytes.</summary>
    public const int MaximumLength = 1 << 20;

    /// <summary>The largest number of secrets of a job.</summary>
    public const int MaximumCount = 64;

    /// <summary>The directory in which scripts see the secrets.</summary>
    public const string Directory = "/run/secrets";

    private const int MaximumNameLength = 200;

    /// <summary>Whether a name is valid: 1 to 200 ASCII letters, digits, dots, dashes and underscores, other than <c>.</c> and <c>..</c>.</summary>
    public static bool IsValidName(string name) =>
        name is { Length: > 0 and <= MaximumNameLength } and not ("." or "..")
            && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '-' or '_');

    /// <inheritdoc/>
    public override string ToString() => $"secret {Name}";
}
