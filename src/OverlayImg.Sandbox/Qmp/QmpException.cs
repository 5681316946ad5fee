using System.Diagnostics.CodeAnalysis;

namespace OverlayImg.Sandbox.Qmp;

/// <summary>QEMU refused a command, or its monitor went away before it answered.</summary>
/// <param name="command">Name of the command.</param>
/// <param name="errorClass">QEMU's class of the error, such as <c>GenericError</c> or <c>CommandNotFound</c>; null when no answer came.</param>
/// <param name="description">QEMU's own words, or why no answer came.</param>
/// <param name="innerException">What kept the answer from coming.</param>
[SuppressMessage("Design", "CA1064:Exceptions should be public", Justification = "Guest turns it into an error that the user can act on.")]
internal sealed class QmpException(string command, string? errorClass, string description, Exception? innerException = null)
    : Exception($"{command}: {description}", innerException)
{
    public string Command { get; } = command;

    public string? ErrorClass { get; } = errorClass;

    public string Description { get; } = description;
}
