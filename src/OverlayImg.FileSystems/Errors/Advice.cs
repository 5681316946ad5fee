using System.Diagnostics.CodeAnalysis;

namespace OverlayImg.FileSystems.Errors;

/// <summary>What the user can do about an error: whole sentences, and the settings that the last sentence refers to.</summary>
/// <param name="text">The sentences. They name no option, because only the command line knows the options.</param>
/// <param name="settings">The settings that help, in the order of the last sentence.</param>
public sealed class Advice(string text, params IReadOnlyList<Setting> settings)
{
    /// <summary>The sentences, without names of options.</summary>
    public string Text { get; } = text;

    /// <summary>The settings that the last sentence refers to; empty where no setting helps.</summary>
    public IReadOnlyList<Setting> Settings { get; } = settings;

    /// <summary>Makes advice without settings; null for null.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    public static implicit operator Advice?(string? text) => FromString(text);

    /// <summary>Makes advice without settings; null for null.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    public static Advice? FromString(string? text) => text is null ? null : new(text);

    /// <inheritdoc/>
    public override string ToString() => Text;
}
