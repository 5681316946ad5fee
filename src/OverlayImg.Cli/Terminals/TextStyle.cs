namespace OverlayImg.Cli.Terminals;

/// <summary>
/// The styles of text on a terminal, as parameters of SGR (ECMA-48). Every style can be read on light and on dark backgrounds.
/// </summary>
internal enum TextStyle
{
    Plain = 0,
    Bold = 1,
    Dim = 2,
    Red = 31,
    Green = 32,
    Cyan = 36,
}
