namespace OverlayImg.FileSystems.Errors;

/// <summary>Whoever read what we write has gone, as <c>head</c> does: nobody wants the rest.</summary>
public sealed class ClosedPipeException(string name) : OverlayImgException($"{name} was closed by its reader", null);
