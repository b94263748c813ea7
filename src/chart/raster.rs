//! Turns a finished SVG into PNG bytes. Reads no font and no file of the machine, so every machine gives the same picture.

use super::ChartError;
use super::text::FAMILY;
use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};
use std::io::Write;
use std::sync::{Arc, OnceLock};

/// The embedded faces, read once.
fn fonts() -> Arc<fontdb::Database> {
    static FONTS: OnceLock<Arc<fontdb::Database>> = OnceLock::new();
    FONTS
        .get_or_init(|| {
            let mut fonts = fontdb::Database::new();
            for face in [dejavu::sans::regular(), dejavu::sans::bold()] {
                fonts.load_font_source(fontdb::Source::Binary(Arc::new(face)));
            }
            fonts.set_sans_serif_family(FAMILY);
            Arc::new(fonts)
        })
        .clone()
}

/// Draws an SVG of this module to PNG bytes, at the size written in it.
pub fn png(svg: &str) -> Result<Vec<u8>, ChartError> {
    let options = Options { fontdb: fonts(), font_family: FAMILY.to_owned(), ..Options::default() };
    let tree = Tree::from_str(svg, &options).map_err(|error| ChartError::Raster(error.to_string()))?;
    let size = tree.size().to_int_size();
    let mut pixels = Pixmap::new(size.width(), size.height())
        .ok_or_else(|| ChartError::Raster(format!("{} x {} px is no size", size.width(), size.height())))?;
    resvg::render(&tree, Transform::identity(), &mut pixels.as_mut());
    encode(size.width(), size.height(), pixels.data()).map_err(|error| ChartError::Raster(error.to_string()))
}

/// Writes opaque RGBA pixels as an RGB PNG. Figures are flat, so every row but the first is written as
/// its difference from the row above, which the fastest compression already makes small.
fn encode(width: u32, height: u32, rgba: &[u8]) -> std::io::Result<Vec<u8>> {
    const FILTER_NONE: u8 = 0;
    const FILTER_UP: u8 = 2;
    let row_bytes = width as usize * 3;
    let mut zlib = ZlibEncoder::new(Vec::with_capacity(128 * 1024), Compression::fast());
    let (mut above, mut row, mut line) = (vec![0; row_bytes], vec![0; row_bytes], vec![0; row_bytes + 1]);
    for (index, pixels) in rgba.chunks_exact(width as usize * 4).enumerate() {
        for (to, from) in row.chunks_exact_mut(3).zip(pixels.chunks_exact(4)) {
            to.copy_from_slice(&from[..3]);
        }
        line[0] = if index == 0 { FILTER_NONE } else { FILTER_UP };
        for ((to, now), up) in line[1..].iter_mut().zip(&row).zip(&above) {
            *to = now.wrapping_sub(*up);
        }
        zlib.write_all(&line)?;
        std::mem::swap(&mut above, &mut row);
    }
    let data = zlib.finish()?;

    let mut png = Vec::with_capacity(data.len() + 64);
    png.extend_from_slice(b"\x89PNG\r\n\x1a\n");
    let mut header = Vec::with_capacity(13);
    header.extend_from_slice(&width.to_be_bytes());
    header.extend_from_slice(&height.to_be_bytes());
    // 8 bits, RGB, deflate, adaptive filters, not interlaced.
    header.extend_from_slice(&[8, 2, 0, 0, 0]);
    for (name, content) in [(b"IHDR", header.as_slice()), (b"IDAT", data.as_slice()), (b"IEND", &[][..])] {
        png.extend_from_slice(&(content.len() as u32).to_be_bytes());
        png.extend_from_slice(name);
        png.extend_from_slice(content);
        let mut crc = Crc::new();
        crc.update(name);
        crc.update(content);
        png.extend_from_slice(&crc.sum().to_be_bytes());
    }
    Ok(png)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_has_the_size_and_the_colours_of_the_drawing() {
        let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"4\" height=\"3\" viewBox=\"0 0 4 3\">\
                   <path fill=\"#A8461F\" d=\"M0 0h4v3h-4z\"/><path fill=\"#2F4FA0\" d=\"M0 2h4v1h-4z\"/></svg>";
        let png = png(svg).unwrap();
        assert_eq!(&png[16..24], &[0, 0, 0, 4, 0, 0, 0, 3]);
        let start = 8 + 25 + 8;
        let length = u32::from_be_bytes(png[33..37].try_into().unwrap()) as usize;
        let mut rows = Vec::new();
        std::io::Read::read_to_end(&mut flate2::read::ZlibDecoder::new(&png[start..start + length]), &mut rows)
            .unwrap();
        assert_eq!(rows.len(), 3 * 13);
        assert_eq!(&rows[..4], &[0, 0xA8, 0x46, 0x1F]);
        assert_eq!(&rows[13..17], &[2, 0, 0, 0]);
        assert_eq!(&rows[26..30], &[2, 0x2Fu8.wrapping_sub(0xA8), 0x4F - 0x46, 0xA0 - 0x1F]);
    }

    #[test]
    fn something_that_is_no_drawing_is_refused() {
        assert!(matches!(png("<svg"), Err(ChartError::Raster(_))));
    }
}
