using System.Diagnostics.CodeAnalysis;

namespace OverlayImg.FileSystems.Errors;

/// <summary>What the user can do about something: whole sentences, and the settings that they speak of.</summary>
/// <param name="text">The sentences. They name no option, because only the command line knows the options.</param>
/// <param name="settings">The settings that help, in the order in which the last sentence speaks of them.</param>
public sealed class Advice(string text, params IReadOnlyList<Setting> settings)
{
    /// <summary>The sentences.</summary>
    public string Text { get; } = text;

    /// <summary>The settings that the last sentence speaks of; none where no setting helps.</summary>
    public IReadOnlyList<Setting> Settings { get; } = settings;

    /// <summary>Advice that speaks of no setting.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    public static implicit operator Advice?(string? text) => FromString(text);

    /// <summary>Advice that speaks of no setting.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    public static Advice? FromString(string? text) => text is null ? null : new(text);

    /// <inheritdoc/>
    public override string ToString() => Text;
}
