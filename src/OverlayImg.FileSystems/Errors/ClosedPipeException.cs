namespace OverlayImg.FileSystems.Errors;

/// <summary>The reader of an output pipe (for example <c>head</c>) closed the pipe. The rest of the output is not needed.</summary>
public sealed class ClosedPipeException(string name) : OverlayImgException($"{name} was closed by its reader", null);
