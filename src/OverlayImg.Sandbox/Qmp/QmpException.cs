using System.Diagnostics.CodeAnalysis;

namespace OverlayImg.Sandbox.Qmp;

/// <summary>QEMU refused a command, or the connection to its monitor ended before the response.</summary>
/// <param name="errorClass">QEMU's error class, such as <c>GenericError</c> or <c>CommandNotFound</c>; null without a response.</param>
/// <param name="description">QEMU's description, or why there is no response.</param>
/// <param name="innerException">The failure of the connection; null if QEMU responded.</param>
[SuppressMessage("Design", "CA1064:Exceptions should be public", Justification = "Guest turns it into an error that the user can act on.")]
internal sealed class QmpException(string command, string? errorClass, string description, Exception? innerException = null)
    : Exception($"{command}: {description}", innerException)
{
    public string Command { get; } = command;

    public string? ErrorClass { get; } = errorClass;

    public string Description { get; } = description;
}
